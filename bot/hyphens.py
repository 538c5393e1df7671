"""Hyphens: names bind, everyday words do not.

"Rees-Mogg" is one word, so that `rees` does not find it. "post-Brexit", "council-tax" and "Russia-Ukraine" are the
words that they are made of, so that `brexit`, `tax` and `ukraine` find them. Which is which must not depend on
capitals, because headlines come in all of them; so it is decided by lists, and what no list knows is taken for a name.
"""

from __future__ import annotations

from collections.abc import Sequence


def separates(parts: Sequence[str]) -> bool:
    """Tell whether the folded parts of a hyphenated word are words of their own."""
    if parts[0] in _BEGINNINGS or parts[-1] in _ENDINGS:
        return True
    return any(part in _PLACES or part[0].isdigit() for part in parts) or all(part in _EVERYDAY for part in parts)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEGINNINGS = _set(
    """
    anglo anti bi bio co counter crypto cyber e eco euro ex extra far franco geo half hyper inter intra macro mega
    micro mid mini mis multi nano neo non out over pan para post pre pro pseudo quasi re self semi sino socio step
    sub super supra tele trans tri ultra un under uni vice
    """
)

# What is hung on a word or a name: "Labour-run", "Cameron-era", "Brexit-supporting".
_ENDINGS = _set(
    """
    activist activists adviser advisers affected affiliated aged aide aides aligned allied allies allocated annexed
    appointed approved area authored averse awaited aware backed backing baiting baked based bashers bashing bearing
    believer believers blower blowers blowing born bound breakers breaking brokered building built buster busters
    busting called candidate candidates caused centred chaired chairman chairwoman changing chasing chief class
    commanded commissioned compliant connected controlled controlling cost critical cutting dated dealing defying
    delayed denier deniers denying dependent deprived designate directed dodger dodgers dodging dominated donor
    donors down driven earning educated elect elected eligible ending endorsed enforced engineered entry era esque
    exempt exempted eyed faced facing fearing flavoured focused free friendly fronted fuelled funded gate general
    generated giving goer goers grabbing growing handed hater haters hating headed hearted heavy held hit hosted
    hungry hunting improving inclined income induced infected informed inspired intensive ish issued ite ites
    keeping last lasting leading leaning leaver leavers led length level lifting like linked lite lived living
    lovers loving mad made making managed mandated mania market minded minister ministers mongering moving mp mps
    named needed negotiated neutral nominated nominee occupied off only ordered orientated oriented out over overs
    owned owning paid paying penned phobic pitched pledged plus positive powered prime profile promised promoted
    prone proof proposed protected provided raiser raisers raising ranging ranked ranking rated reaching ready
    related remainer remainers resistant ridden rigged rigger run runners running sanctioned saving scale sceptic
    sceptical sceptics scrapped secretary sector seeded seekers seeking sensitive serving setting sharing shocked
    side sided size sized skeptic skeptical skilled skinned speaking specific spending sponsored stage standing
    starved stealing stopper stricken style supported supporter supporters supporting sympathising taker takers
    taking testing themed threatening thumping tier time times tinged torn trained trial turned type up voter voters
    voting warming watcher watchers watching wide wing winner winning wracked wrecking wrenching year years
    """
)

# Countries, nations, parties and bodies that headlines join with hyphens, with what one says of them. Not the "un" of
# "Kim Jong-un", nor what are first names as often.
_PLACES = _set(
    """
    afghan afghanistan africa african albania albanian america american arab arabia argentina argentine argentinian
    armenia armenian asia asian atlantic australia australian austria austrian azerbaijan azerbaijani bangladesh bbc
    beijing belarus belfast belgian belgium berlin birmingham bosnia bosnian brazil brazilian brexit brexiteer
    brexiteers britain british brussels bulgaria bulgarian canada canadian cardiff catalan catalonia catholic
    catholics chechen chile chilean china chinese christians cia colombia colombian communist communists
    conservative cop26 cop27 cop28 coronavirus covid crimea crimean croatia croatian cuba cuban cymru cypriot cyprus
    czech delhi dem democrat democrats denmark donbas dup dutch dwp edinburgh egypt egyptian england english estonia
    estonian ethiopia ethiopian eu europe european eurozone fascist fascists fbi fein finland finnish france french
    g20 g7 g8 gaza gchq georgia georgian german germany ghana ghanaian glasgow gop greece greek hamas hezbollah
    hindu hindus hmrc holyrood hong hs2 hungarian hungary iceland icelandic imf india indian indonesia indonesian
    iran iranian iraq iraqi ireland irish isil isis islamic islamism islamist islamists israel israeli italian italy
    itv japan japanese jewish jihadi jihadist jordanian kashmir kenya kenyan kiev kong korea korean kosovo kremlin
    kurdish kurdistan kuwait kyiv labour latin latvia latvian leaver leavers lebanese lebanon leeds leftist leftists
    lib libdem libdems libya libyan lithuania lithuanian liverpool london loyalist loyalists malaysia malaysian
    maltese manchester marxist mediterranean mexican mexico mi5 mi6 mod moldova moldovan mongolia montenegro
    moroccan morocco moscow mps msp msps muslim muslims nationalist nationalists nato nazi nazis nepal nepalese
    netherlands nhs nigeria nigerian nordic norway norwegian obamacare ofcom ofgem ofsted opec pacific pakistan
    pakistani palestine palestinian paris pentagon peru peruvian philippines plaid poland polish populist populists
    portugal portuguese protestant protestants qatar remainer remainers republican republicans romania romanian
    russia russian rwanda rwandan saudi scotland scottish sdlp senedd serbia serbian sheffield shia sikh sikhs
    singapore singaporean sinn slovak slovakia slovenia slovenian snp socialist socialists somali somalia soviet
    spain spanish stormont sudan sudanese sunni sweden swedish swiss switzerland syria syrian taiwan taiwanese
    taliban tanzania tehran thai thailand tibet tibetan tokyo tories tory tunisia tunisian turkey turkish uae uganda
    ugandan uk ukip ukraine ukrainian ulster unionist unionists us usa uzbekistan vatican venezuela venezuelan
    vietnam vietnamese wales washington welsh westminster yemen yemeni zambia zimbabwe zimbabwean
    """
)

# Words that stand in hyphenated words and hardly ever in double-barrelled names, unless they are all of it.
_EVERYDAY = _set(
    """
    a about abuse academy accident account achievement act action active added addiction adding adult advertising
    advice affordable after again against age aged agency agenda agent agents ages agreed agreeing agreement
    agriculture aid air airport airports alcohol alert all alliance allies ally almost already also always ambulance
    ambulances an and animal answer answers anti antisemitism anxiety any apprenticeship are arm arms army around
    arrest art as aside asked asking assault assembly asset asylum at attack attendance attended attorney audit
    auditor austerity authority automatic autumn average away baby back backbench backbencher backed background
    backstop bad badger badly bail balance balanced ballot ballots bank banker bankers banking banks banned banning
    bargain basic battle be beam beat beaten bed bedroom been before begging behaved behaviour behind being believed
    belted bench bencher benchers benches benefit best better big bike bikes bill billion bills biomass birth black
    blame block blocked blocking blood blower blowers blue blunt board boat boats bodied body bomb bomber bombers
    bombing bombs bond bonds bonus bonuses book booked boom border borders borough borrowed borrowing bottomed
    bought box boy boys brain break breaker breakers breaking breaks breast bred briefed broad broadband brother
    brought budget budgets build burned burning bus buses business busting but buy by cabinet call calling camp
    campaign can cancelled cancer candidate candidates cap capacity capital capped car carbon card care career carer
    carers cargo carrying cars case cash casual cat catch cats caught cause ceasefire ceiling cell central centre
    century chain chair challenge chamber chancellor change channel charge charged charging charity chasing check
    checking chemical chief child childcare children childrens choice church cigarette cities citizen city civil
    claim class classes classroom clean cleaning clear cleared click climate clinic close closed closely closing
    cloud club coal coalition coast coastal coat code cold collecting collection college colleges come comeback
    comes coming commander commission committed committee common commons community company compensation competition
    compulsory conceived concerned concert confidence conflict conflicts considered constituencies constituency
    constructed construction consumer consuming contact content contract control conversation cooked cool core cost
    costs could council councillor count counter counties countries country county court courts cover covering
    covers covid cow cows crafted crash creating credit crime crimes criminal crises crisis critical cronyism cross
    crossed crossing crowd crowded crown cruise crushed culture currency customer customs cut cuts cutter cutting
    cycle cycled cycling daily damage damaged damaging danger dark data date daughter day days dead deadline deal
    deals dealt death debate debt debts decade decision decorated deep defence deficit deficits defined delayed
    delivered delivery demand democracy democratic dental department deposit deputy deserved designed destroyed
    detached detention developed devolution diesel digital dinner dip direct director disability discount disease
    disinformation dispute disputed district divided division do doctor doctors documented dodger dog dogs dole
    domestic don donation donations donor door doors double down downing dozen dozens draft drafted draw drawing
    drawn dressed drink drinking drive driven driver drives driving drone drop dropped drops drug drugs dry due
    dumping during duty dying e ear early earnings earth east eastern easy eaten eating economic economy edge edged
    edges editor educated education effect effective effects efficiency eight eighth eighty elderly election
    electoral electric electricity eleven elite emergency emission emissions employee employees employer employers
    employment emptied empty end ends energy enforcing engine enough enterprise entertainment environment equal
    equality equipped established estate ethnic evening event ever everyday evidence exam exams exchange executive
    exit expense expenses expert export exporting extended eye face fact factory failed failing fair faith fake fall
    fallen falls family famine far fare farm farmer farming farms fashion fast fat fated father fear feared fearing
    fed federal fee feeding fees felt female fence fenced few field fifth fifths fifty fight fighting figure file
    filled film final finance financial finding fine finished fire fired firefighter firefighters fires first fish
    fisheries fishing fit fixed fixing flag flat flawed fleet flight flights flood floor flow flowing flu fly flying
    focus follow followed food foot football footed for force forces foreign forest forgotten formal formed forty
    forward fossil foster fought found foundation fourth fracking framed fraud freedom freeze freezes freight fresh
    frisk front frontbench fruit fuel fuelled full fund funding funds funeral further future gambling game games gap
    garden gas gate gathering gay gender general generation genetic gentleman get gets getting gift gifts girl girls
    give given gives glass global go goal goes going gold gone good goods governed government governor gp gps
    grabbing grade graded grades grammar grant grants grass great green greenhouse gross ground group grown growth
    guarded guide guided gun guns hacking haired half hand handed handling hands harassment hard has hate hating
    have he head headed headline healed healing health heart hearted heat heating heavy heavyweight held help her
    hidden high higher highest highly highway hike hikes hiring his hit hits hitting hoc hold holder holders holding
    holds home homeless homelessness homes honoured hoped horse hospital hospitality hospitals hostage hot hotel
    hour hours house household houses housing how human hundred hung hunger hunted hunting husband ice if ill
    illegal image immigration impact import importing improved in incident income independent industrial industry
    inequality inflation information informed infrastructure inheritance injured injury inner innovation inquiries
    inquiry ins inside insider inspection insurance intelligence intended intentioned interest internal
    international internet interview into invested investigation investment is islamophobia island issue it its jail
    job jobless jobs joint joke judge judged judges judicial jump jumping junior jury justice keep keeper keeping
    keeps kept key kick kicking kid kill killed killing kind kinds king knife knives knock know knowing knowledge
    known labour ladder laden land landed landing landlord landlords landmark landslide language large last lasting
    late laughing launch launched laundering law lay laying lead leader leaders leadership league leak leaked leaks
    learned learning lease leasehold leasing least leave led left leg legal legged legislation legislative lending
    length lent less lesson letter letting level levels liar liberal liberty library licence licensed lie lies
    lieutenant life lifetime lifted light lighted lights liked limit line lined lines list listed lists lit little
    live living loaded loan loaned loans lobby lobbying lobbyist lobbyists local lock locked locks long longer look
    looking looks lord lords lorries lorry lose loses loss lost love lover low lower loyal loyalty lunch lying
    machine made magistrate mail main maintained maintenance major majority make maker makers makes making man
    management manifesto mannered mansion manufacturing many march margin marginal marginals marine maritime market
    markets marriage married mass match matched maternity matter maximum meal meals meaning means measure measured
    meat media medical medicine medium meeting member men mental message metal meted metre mid middle might migrant
    migrants migration mile military milk million mind minded mineral mini minimum mining ministerial ministers
    ministry minority minute minutes misinformation miss missed missile missiles mission mixed mobile model modern
    money monitored month monthly months more mortgage mortgages most mother motion motor mountain mounted mouth
    mouthed move much murder museum music must named narrow nation national nations natural nature naval navy near
    neck need needed negotiation negotiations neighbour neighbourhood net network never new newly news newspaper
    next night nine ninety ninth no noise nominee non north northern nose nosed not note notice nuclear number nurse
    nurseries nursery nurses nursing obesity occupational of off offence offender offer offered office officer
    officers official offshore oil old on once one online only open opened opening operated opinion opposition opt
    option or orange order ordered organised other our out outer outside over overall overseas own oxygen pace paced
    package packed packing pact page paid pain palace paper paramedic paramedics parent parental parents parish park
    parking parliament parliamentary parliaments part parts party pass passenger passport passports past paternity
    path patient patients pay payday paying payment payoff pays peace pedestrian peer peers penalty pension
    pensioner pensions people per performing period permit person personal petition petitions petrol phobia phone
    physical picked picking picture piece pieces pilot pink pipeline placed plan plane planes planned planning plans
    plant planted plastic play played player playing pledge pm point pointed points police policy political politics
    poll polling polls pollster polluting pollution pooled poor poorly population port post pot poverty power powers
    practice pre premier president presidential presidents press pressure prevention previously price priced prices
    pricing primary printed prison prisoner prisons privacy private prize pro probation problem procedure process
    procurement produced product production professional profile profit programme project promise propaganda
    property prosecution protection protest provider public publication pull pulled pumped punishment pupil pupils
    purchase purple push pushed pushing put puts qualified quality quango quarter quarters queen question questions
    quick quota quotas race racial racism radical radio rail railway railways rain raised raising range ranging rank
    ranks rape rapid rate rates rating raw reached reading real rebel received recently record recorded recovery
    recruitment recycling red reduced redundancy referendum reform reformed refugee refugees regime region regional
    registration regulated regulation regulator regulators rejected released relief religion religious remembered
    remote renewable renowned rent rental rented renter rents repair report reported reporting reports required
    rescue research researched reserve reserves resident residential resource respected response restaurant result
    retail retirement return revenue review reviewed reviews rewarding rich ridden rigging right rights ring ripe
    rise rises rising risk river road roads robbed role roll rolling room rotten rough round rounded rounding route
    royal rule rules run running runs rural safe safety said salary sale sales same sanction saved saving savings
    say says scandal scheme schemes school schooling schools science scoring scoured screened sea search searching
    season seat seated seats second secondary secret secretaries secretary section security see seek seeker seen
    sees selected self sell seller selling semitism senate sending senior sense sent sentence separate series
    serious served service services serving session set sets setter setters setting settled seven seventh severe
    sewage sex sexism sexual shadow shaking shale shaped share shared shareholder shareholders shares sharing sharp
    she shelter sheltered shift ship shipping shop shopping shore short shortlisted shot shouldered show showing
    shows shut shuts sick side sided sides sighted silver single sister sit site sitting six sixth sixty size skill
    skilled skills skin sky slashing slave sleaze sleep slimmed slow small smart smoke smoked smoking smooth
    smuggling snap snow so social socially society soft solar sold soldier soldiers sole solicitor solution solving
    son sort sound source south southern space spare spared speaking special specialist speech speeches speed
    spending spies spin spine spoken sport spot spread spring spy spying square stab stabbing staff staffed
    stakeholder stale stamp stand standalone standard standing star start starter starts state stated statement
    statements states station status stealth steel step stepping steps stock stop stopped stopping storage store
    storm story strapped strategic strategy street strike stripped strong stronger structured student students
    studied study subject submarine subsidy substance suburban such sudden suffering sugar suicide suitable suited
    summer summit supplied supply supplying support supported surface surfaced surgery surplus surveillance survey
    survivor suspected sustainable swift swimming swing system table tables tailed take takeaway takes taking talk
    talking talks tall target tariff tariffs task taught tax taxation taxes taxi taxpayer taxpayers teacher teachers
    teaching team tech technical technology teen teenage teenager teenagers teens telephone television telling
    tempered temporary ten tenancy tenant tenants tenth term terms terror terrorism terrorist test testing tests
    text than that the their them they thick thin thinking third thirds thirty this thought thousand threat three
    throne through tick ticket tide tier tiers tight timed tipped tipping to tobacco together toll ton tone tongued
    too tooth top total touch touched tough tour tourism tourist touted tower town towns toxic track trade traded
    trading traffic trafficking train trained training trains transfer transition transitional transport trapping
    travel travelled treasury treated treatment treaty trial tried tries trigger triple trodden trolley troop troops
    trophy truck true trust truth try tuition tuned turbine turbines turn turned turning turnout turns twelve twenty
    twice twisted two type types under unemployment unequal unfair union unit universities university until up upon
    upper upside urban use used user using vaccine vacuum value valued vegetable vehicle venture very via victim
    victims victory video view village villages violence violent virus visa visas visit voice volume voluntary
    volunteer vote voter voters votes voting wage waged wages waiting walk walks wanted war wards warfare warm
    warming wars was washing waste wasted wasting watch watchdog watchdogs watching water watered wave way we wealth
    weapon weapons wearing weather web website week weekend weekly weeks weight weighted welfare well west western
    wet what wheel wheeled when where which whip whipped whips whistle white who whole why wide widely widespread
    wife wild wildlife will win wind winded window wing wings winner winning wins winter wire wired wise wishing
    with without witted woman women won word worded words work worked worker workers workforce working workplace
    world worn worse worst worth worthiness worthy would wounded wrenching write writing written wrong year yearly
    years yellow yet young younger your youth zero zone
    """
)
